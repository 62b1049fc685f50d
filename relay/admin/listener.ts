import { createServer, type Server } from 'node:http';
import { reply } from '../pages.ts';
import { type ListenAt, opened } from '../server.ts';
import { metricsOf } from './metrics.ts';
import { type StatusSources, statusOf } from './status.ts';

/** Opens the admin listener, `/metrics` and `/status.json`, which is to be reached by operators only. */
export async function listenForAdmin(at: ListenAt, sources: StatusSources, dataDir: string): Promise<Server> {
  const metrics = metricsOf(sources, dataDir);
  const server = createServer((request, response) => {
    request.resume();
    const path = request.url?.split('?')[0];
    const page =
      path === '/metrics'
        ? metrics.text().then((text) => [metrics.type, text] as const)
        : path === '/status.json'
          ? statusOf(sources).then((status) => ['application/json', `${JSON.stringify(status)}\n`] as const)
          : null;
    if (page === null) {
      reply(response, 404, 'text/plain', 'not found\n');
      return;
    }
    page.then(
      ([type, text]) => reply(response, 200, type, text),
      () => reply(response, 500, 'text/plain', 'failed\n'),
    );
  });
  server.on('clientError', (_error, stream) => stream.destroy());
  await opened(server, at);
  return server;
}
