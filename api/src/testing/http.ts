export { hashKey } from '../http/auth.ts';
