/**
 * A client that sends all of a body before it looks at what comes back, as many do. A process of its own: beside the
 * server in one event loop the two would take turns, and a connection that is cut too early would go unseen.
 * Arguments: port, how many, content type. Prints how often each first line, or error, came.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

const [port, count, type] = process.argv.slice(2);
const SIZES = [65_537, 200_000, 1_000_000, 2_097_152];
const PART = 65_536;

async function post(size, chunked) {
  const socket = connect(Number(port), '127.0.0.1');
  let answer = '';
  let problem = null;
  socket.on('error', (error) => {
    problem = error;
  });
  await once(socket, 'connect');
  const how = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${size}`;
  socket.write(`POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n${how}\r\n\r\n`);
  const body = Buffer.alloc(size, 'x');
  for (let sent = 0; sent < size && !socket.destroyed; sent += PART) {
    const part = body.subarray(sent, sent + PART);
    if (chunked) socket.write(`${part.length.toString(16)}\r\n`);
    if (!socket.write(part)) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
    if (chunked) socket.write('\r\n');
  }
  if (chunked) socket.write('0\r\n\r\n');
  socket.on('data', (data) => {
    answer += data;
    if (answer.endsWith('}')) socket.end();
  });
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  if (problem !== null) return problem.code ?? String(problem);
  return answer.includes('{"error":') ? answer.split('\r\n', 1)[0] : 'no answer';
}

const answers = {};
for (let sent = 0; sent < Number(count); sent++) {
  const size = SIZES[sent % SIZES.length];
  const answer = await post(size, Math.floor(sent / SIZES.length) % 2 === 1);
  answers[answer] = (answers[answer] ?? 0) + 1;
}
process.stdout.write(JSON.stringify(answers));
