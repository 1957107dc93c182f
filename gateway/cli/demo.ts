import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { setupOrExplain } from './check.ts';
import { couldNotServe, logLevel, portNumber, telemetryOf, untilStopped } from './serve.ts';
import { paint, print } from './terminal.ts';

interface Shop {
  readonly orders: string;
  readonly catalogue: string;
  readonly shipping: string;
  close(): Promise<void>;
}

const folder = fileURLToPath(new URL('../../examples/shop/', import.meta.url));

/** `ostiary demo` */
export const demoCommand = (): Command =>
  new Command('demo')
    .summary('start a whole shop: three backends and their gateway')
    .description(
      'Starts examples/shop: orders over REST, a catalogue over GraphQL, shipping over gRPC, and the gateway in front ' +
        'of them. No API key and no network are needed. The data of the shop lives as long as the demo runs; the audit ' +
        'log stays, in examples/shop/data.',
    )
    .option('--port <port>', 'port of the gateway, instead of 8080 (0: any)', portNumber)
    .addOption(logLevel('warn'))
    .addHelpText(
      'after',
      '\nExample:\n  $ npx ostiary demo\n  $ npx ostiary ask "show order A-1001" --key demo-support   in another terminal',
    )
    .action(async (options: { port?: number; log: string }) => {
      // Named by a variable so that the gateway does not depend on its examples.
      const start = new URL('start.ts', `file://${folder}`).href;
      const { startShop } = (await import(start)) as { startShop: (options: object) => Promise<Shop> };
      // Any free ports: nobody calls the backends by address, and another demo may be running.
      const shop = await startShop({ ports: { orders: 0, catalogue: 0, shipping: 0 } });
      try {
        const setup = await setupOrExplain(folder, {
          ...process.env,
          ORDERS_URL: shop.orders,
          CATALOGUE_URL: shop.catalogue,
          SHIPPING_ADDRESS: shop.shipping,
        });
        const { createLogger, serve } = await import('../serve.ts');
        const telemetry = await telemetryOf(setup);
        const serving = await serve(
          setup,
          options.port === undefined ? {} : { port: options.port },
          createLogger(options.log, telemetry),
          telemetry,
        ).catch(couldNotServe);
        for (const line of welcome(serving.url, shop)) print(line);
        if (telemetry.prometheus !== undefined) print(`  Prometheus finds metrics at ${telemetry.prometheus}.\n`);
        await untilStopped();
        print('\nStopping.');
        await serving.close();
      } finally {
        await shop.close();
      }
    });

const welcome = (url: string, shop: Shop): string[] => {
  const curl = (key: string, path: string, body: object) =>
    `    curl -s ${url}${path} -H 'authorization: Bearer ${key}' -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  const tries: [string, string][] = [
    ['Read: what is in an order', curl('demo-support', '/v1/ask', { text: 'show order A-1001' })],
    [
      'Write: a refund, which wants a yes first, and gets an id to say it with',
      curl('demo-support', '/v1/ask', { text: 'refund order A-1001' }),
    ],
    [
      "Denied, with the reason: the shopper's bot may not refund",
      curl('demo-shopper-bot', '/v1/ask', { text: 'refund order A-1001' }),
    ],
    ['A question back: which order?', curl('demo-support', '/v1/ask', { text: 'I want to cancel an order' })],
    ['Out of scope, with what can be asked', curl('demo-support', '/v1/ask', { text: 'what is the weather in Paris' })],
  ];
  return [
    '',
    `  ${paint('bold', 'Ostiary')} is at ${paint('cyan', url)}, in front of`,
    `    orders     REST     ${shop.orders}`,
    `    catalogue  GraphQL  ${shop.catalogue}`,
    `    shipping   gRPC     ${shop.shipping}`,
    '',
    `  Keys: ${paint('cyan', 'demo-support')}, ${paint('cyan', 'demo-shopper-bot')}, ${paint('cyan', 'demo-auditor')}`,
    '',
    '  Try, in another terminal:',
    ...tries.flatMap(([title, command], index) => ['', `  ${index + 1}. ${title}`, paint('green', command)]),
    '',
    `  With the road drawn:  npx ostiary ask "refund order A-1001" --key demo-support${url.endsWith(':8080') ? '' : ` --url ${url}`}`,
    '  What was recorded:    npx ostiary audit tail examples/shop',
    `  What can be called:   ${url}/reference   in a browser, with one of the keys`,
    '  What it all means:    docs/first-five-requests.md',
    '',
    '  Ctrl-C stops everything.',
    '',
  ];
};
