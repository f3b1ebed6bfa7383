import { callAgent } from '#contracts/agent.ts';
import type { Loop } from '#kit/loop/loops.ts';

import type { Compute } from '../service.ts';
import { ConsoleProxy } from './proxy.ts';
import type { ConsoleTokenStore } from './store.ts';

/** Starts the proxy that brings consoles to browsers. Port 0 takes any free one. */
export const startConsoleProxy = (
  service: Compute,
  address: { host: string; port: number },
): Promise<ConsoleProxy> => {
  const { log, options, consoleUrl } = service.parts;
  return ConsoleProxy.listen(
    {
      log: log.child({ service: 'console' }),
      url: consoleUrl,
      allowedOrigins: options.console_allowed_origins,
      socketFor: (token) => socketFor(service, token),
    },
    address,
  );
};

/** The socket of the console a token opens, while the server is still where it was when the token was made. */
async function socketFor(service: Compute, token: string): Promise<string | undefined> {
  const grant = await service.consoleTokens.find(token);
  const server = grant && (await service.servers.find(grant.serverId));
  if (!server || server.host !== grant.host) return undefined;
  const args = { id: grant.serverId, kind: grant.kind };
  return (await callAgent(service.parts.bus, grant.host, 'guest.console', args)).socket;
}

/** Forgets expired console tokens. */
export const consoleTokenLoop = (tokens: ConsoleTokenStore): Loop => ({
  name: 'compute.console-tokens',
  everyMs: 60_000,
  run: () => tokens.purge(),
});
