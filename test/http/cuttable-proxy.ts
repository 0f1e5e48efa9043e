export { FaultProxy as CuttableProxy } from '../helpers/fault-proxy.js';
