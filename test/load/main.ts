/**
 * The `load` program: `load HOST PORT PATH KEPT NEW` lets so many clients of either sort ask without a pause, prints a
 * line for each request that is over, and ends when its standard input does. Judges nothing.
 */
import { runClient } from './client.js';
import { formatExchange, type Exchange } from './exchange.js';

const [host = '', port = '', path = '', kept = '', fresh = ''] = process.argv.slice(2);
const target = { host, port: Number(port), path };
let isOver = false;

function tell(exchange: Exchange): void {
  process.stdout.write(`${formatExchange(exchange)}\n`);
}

process.stdin.resume().once('end', () => {
  isOver = true;
});
await Promise.all(
  Array.from({ length: Number(kept) + Number(fresh) }, (_, index) =>
    runClient(target, index < Number(kept), () => isOver, tell),
  ),
);
