import { Buffer } from 'node:buffer';
import type { Duplex } from 'node:stream';
import { UserError } from '@tidemark/shared/errors';
import { problemHeaders, problemOf } from '../http/problem.ts';

/** Of a request line with its headers: Power Query's addresses have up to 65,519 characters, each a byte on the way. */
export const MOST_HEADER_BYTES = 131_072;

/** Answers what is no request that could be read, and ends its connection. */
export function refuseUnread(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const told =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new UserError(
          'request-too-large',
          `the address and the headers are too long; at most ${MOST_HEADER_BYTES} bytes are accepted: ask for fewer series at a time, or for all`,
        )
      : new UserError('invalid-request', 'this is no HTTP request');
  const problem = problemOf(told, crypto.randomUUID());
  const body = JSON.stringify(problem);
  const headers = { ...problemHeaders(problem), 'content-length': Buffer.byteLength(body), connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${problem.status} ${problem.title}\r\n${lines.join('')}\r\n${body}`);
}
