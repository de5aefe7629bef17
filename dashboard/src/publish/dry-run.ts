import { NAME } from '../project.ts';
import { type Answer, RESOURCES, type Send } from './service.ts';

/** Sends nothing: prints each request and answers as an empty workspace would. */
export function dryRun(workspace: string, print: (line: string) => void): Send {
  let refreshed = false;
  return async (resource, method, path, body) => {
    print(`${method} ${RESOURCES[resource].url}${path}`);
    if (body !== undefined) for (const line of bodyLines(body)) print(`    ${line}`);
    if (path.endsWith('/refreshes')) refreshed = true;
    return { status: 200, headers: new Headers(), body: answerTo(method, path, workspace, refreshed) };
  };
}

function answerTo(method: string, path: string, workspace: string, refreshed: boolean): Answer['body'] {
  if (path === '/workspaces') return { value: [{ id: '{workspaceId}', displayName: workspace }] };
  if (method === 'POST' && /\/(semanticModels|reports)$/.test(path)) {
    return { id: path.endsWith('reports') ? '{reportId}' : '{semanticModelId}', displayName: NAME };
  }
  if (path.endsWith('/datasources')) {
    return { value: [{ datasourceType: 'Web', gatewayId: '{gatewayId}', datasourceId: '{datasourceId}' }] };
  }
  if (refreshed && path.includes('/refreshes?')) return { value: [{ status: 'Completed', endTime: '(dry run)' }] };
  return { value: [] };
}

/** The body for reading: files by name and size, credentials covered. */
function bodyLines(body: object): string[] {
  const shown = JSON.stringify(
    body,
    (key, value) => {
      if (key === 'parts') return value.map(partLine);
      if (key === 'credentials') return '(the key)';
      return value;
    },
    2,
  );
  return shown.split('\n');
}

function partLine({ path, payload }: { readonly path: string; readonly payload: string }): string {
  return `${path} (${Buffer.from(payload, 'base64').length} bytes)`;
}
