import { UserError } from '@tidemark/shared/errors';
import type { ParameterValues } from '../project.ts';
import { THEMES } from '../report/theme.ts';
import type { Service } from './service.ts';

/** Where an item stands: its workspace, its kind and its id. */
export interface StoredItem {
  readonly workspaceId: string;
  readonly kind: 'semanticModels' | 'reports';
  readonly id: string;
}

/** A parameter that a publish may leave as it is, the flag that sets it, and the M literals it may hold. */
const KEPT = {
  HistoryDays: { flag: '--history-days', literal: /^\d+$/ },
  Coverage: { flag: '--coverage', literal: /^\d*\.?\d+$/ },
  Language: { flag: '--language', literal: /^"[^"]*"$/ },
  AccessList: { flag: '--access', literal: /^"(?:[^"]|"")*"$/ },
} as const;

/**
 * The parameters of a published semantic model among `names`, each as the M literal that its definition holds. One that
 * the definition does not know is left out.
 * @throws UserError `stored-parameter` where one is something else than a literal, with what it is and the flag that sets
 * it anew.
 */
export async function storedParameters(
  service: Service,
  item: StoredItem,
  names: readonly (keyof typeof KEPT)[],
): Promise<ParameterValues> {
  if (names.length === 0) return {};
  const files = await storedFiles(service, item, 'TMDL');
  const expressions = files.get('definition/expressions.tmdl');
  if (expressions === undefined) {
    const flags = names.map((name) => KEPT[name].flag).join(', ');
    throw new UserError(
      'stored-parameter',
      `the definition of the semantic model has no definition/expressions.tmdl, but ${[...files.keys()].join(', ') || 'no file'}: what an earlier publish wrote cannot be kept; give ${flags}`,
    );
  }
  const found = names.map((name) => [name, expressionOf(expressions, name)] as const);
  return Object.fromEntries(found.flatMap(([name, text]) => (text === null ? [] : [[name, literalOf(name, text)]])));
}

/** The look that a published report has; `undefined` where its theme is none of this project. */
export async function storedTheme(service: Service, item: StoredItem): Promise<keyof typeof THEMES | undefined> {
  const text = (await storedFiles(service, item, 'PBIR')).get('definition/report.json');
  const name = /"customTheme":\s*\{\s*"name":\s*"([^"]*)"/.exec(text ?? '')?.[1];
  return (Object.keys(THEMES) as (keyof typeof THEMES)[]).find((theme) => THEMES[theme] === name);
}

async function storedFiles(service: Service, { workspaceId, kind, id }: StoredItem, format: string) {
  const body = await service.operate('POST', `/workspaces/${workspaceId}/${kind}/${id}/getDefinition?format=${format}`);
  const parts: readonly { readonly path: string; readonly payload: string }[] = body?.definition?.parts ?? [];
  return new Map(parts.map(({ path, payload }) => [path, Buffer.from(payload, 'base64').toString('utf8')]));
}

/**
 * The M expression of a parameter in TMDL, without what is said about it; `null` where there is none. TMDL writes it
 * behind the equals sign, or on deeper lines below, which three backticks may enclose.
 */
function expressionOf(tmdl: string, name: string): string | null {
  const lines = tmdl.replaceAll('\r\n', '\n').split('\n');
  const head = new RegExp(`^expression (?:${name}|'${name}')\\s*=(.*)$`);
  const at = lines.findIndex((line) => head.test(line));
  if (at === -1) return null;
  const behind = head.exec(lines[at] ?? '')?.[1]?.trim() ?? '';
  const below = lines.slice(at + 1);
  const end = below.findIndex((line) => line !== '' && !line.startsWith('\t\t') && !line.startsWith('        '));
  const block = below.slice(0, end === -1 ? below.length : end).map((line) => line.trim());
  const text = [behind, ...block].filter((line) => line !== '' && line !== '```').join('\n');
  return text.replace(/\s+meta\s*\[[^\]]*\]\s*$/, '');
}

function literalOf(name: keyof typeof KEPT, text: string): string {
  const { flag, literal } = KEPT[name];
  if (literal.test(text)) return text;
  throw new UserError(
    'stored-parameter',
    `${name} of the published semantic model is ${text.slice(0, 200)}, which is no plain value: publishing would replace it; give ${flag}`,
  );
}
