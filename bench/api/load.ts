import { Agent, get } from 'node:http';

/** Answers to a load of GET requests. */
export interface Load {
  readonly requestsPerSecond: number;
  /** Milliseconds from sending a request to the end of its answer, for 99 % of them. */
  readonly p99: number;
  /** Requests that failed or were answered with anything but 2xx. */
  readonly failed: number;
}

/** Sends requests for so many seconds over a number of keep-alive connections, each as soon as the last is answered. */
export async function load(
  url: string,
  { headers, connections, seconds }: { headers: Record<string, string>; connections: number; seconds: number },
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies: number[] = [];
  let failed = 0;
  const start = performance.now();
  const end = start + 1000 * seconds;
  const connection = async () => {
    while (performance.now() < end) {
      const sent = performance.now();
      if (!(await succeeds(url, headers, agent))) failed++;
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  const elapsed = performance.now() - start;
  agent.destroy();
  latencies.sort((a, b) => a - b);
  return {
    requestsPerSecond: (1000 * latencies.length) / elapsed,
    p99: latencies[Math.floor(0.99 * latencies.length)] as number,
    failed,
  };
}

function succeeds(url: string, headers: Record<string, string>, agent: Agent): Promise<boolean> {
  return new Promise((done) => {
    get(url, { headers, agent }, (answer) => {
      const { statusCode = 0 } = answer;
      answer.on('error', () => done(false));
      answer.on('end', () => done(statusCode >= 200 && statusCode < 300));
      answer.resume();
    }).on('error', () => done(false));
  });
}
