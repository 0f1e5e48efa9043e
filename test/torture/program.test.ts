import { quickForms } from './quick-form.js';

quickForms('histories', 'fuzz', 'screens', 'ways-out', 'soak');
