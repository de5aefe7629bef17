import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What the model library has read of a project. */
export interface LoadedModel {
  readonly tables: number;
  readonly measures: number;
  readonly relationships: number;
  readonly roles: number;
  readonly cultures: number;
}

/** How long a model may take to load. */
const PATIENCE_MS = 120_000;

/**
 * Loads a semantic model's TMDL in Microsoft's model library, over its Model Context Protocol on standard input and output.
 * @throws Error with the library's own words where it refuses the model.
 */
export async function loadModel(program: string, folder: string): Promise<LoadedModel> {
  const child = spawn(program, ['--start', '--skipconfirmation'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const answers = new Map<number, (answer: Answer) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    answers.get(answer.id)?.(answer);
  });
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the model library ended with exit code ${code}`)));
    setTimeout(() => reject(new Error('the model library does not answer')), PATIENCE_MS).unref();
  });
  let id = 0;
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const ask = (method: string, params: object) => {
    const answered = new Promise<Answer>((resolve) => answers.set(++id, resolve));
    send({ id, method, params });
    return Promise.race([answered, ended]);
  };
  try {
    const clientInfo = { name: 'tidemark', version: '1' };
    await ask('initialize', { protocolVersion: '2024-11-05', capabilities: {}, clientInfo });
    send({ method: 'notifications/initialized' });
    const use = async (name: string, request: object) => {
      const { result, error } = await ask('tools/call', { name, arguments: { request } });
      const text = result?.content[0]?.text ?? JSON.stringify(error);
      if (!result || result.isError) throw new Error(text);
      return JSON.parse(text) as { readonly data?: unknown; readonly message: string };
    };
    const { data, message } = await use('connection_operations', { operation: 'ConnectFolder', folderPath: folder });
    const loaded = data as Record<string, number> | undefined;
    if (!loaded?.tablesLoaded) throw new Error(message);
    const count = async (name: string) => ((await use(name, { operation: 'List' })).data as readonly unknown[]).length;
    return {
      tables: loaded.tablesLoaded,
      measures: loaded.measuresLoaded ?? 0,
      relationships: loaded.relationshipsLoaded ?? 0,
      roles: await count('security_role_operations'),
      cultures: await count('culture_operations'),
    };
  } finally {
    ended.catch(() => {});
    child.kill();
  }
}

interface Answer {
  readonly id: number;
  readonly result?: { readonly isError: boolean; readonly content: readonly { readonly text: string }[] };
  readonly error?: unknown;
}
