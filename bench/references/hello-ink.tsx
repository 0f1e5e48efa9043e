/** The least that an Ink program can be: it draws one word and stays until its terminal is closed. */
import { render, Text } from 'ink';

render(<Text>Hello, world</Text>);
setInterval(() => {}, 1 << 30);
