import { SUBGRAPHS } from '#db/databases.ts'
import { type Balancer, startBalancer } from './balancer.ts'
import { type RunningHub, startHub } from './hub.ts'
import { startNatsServer } from './nats.ts'
import { freePorts } from './processes.ts'
import { testServer } from './server.ts'

/** A hub of two gateways and two processes of every subgraph, each pair behind one port, that tell each other by NATS. */
export interface Pairs extends AsyncDisposable {
  hub: RunningHub
  /** Before both gateways. */
  front: Balancer
  /** The address of that port. */
  url: string
  /** Each gateway by itself, and the role by which it is killed and started again. */
  gateways: { role: string; url: string }[]
  /** The roles of the two processes that hold all subgraphs. */
  workers: string[]
}

export const startPairs = async ({ companies }: { companies: number }): Promise<Pairs> => {
  await using stack = new AsyncDisposableStack()
  const nats = stack.use(await startNatsServer())
  const server = stack.use(await testServer())
  const [first, second] = [await freePorts(12), await freePorts(12)]
  const env: Record<string, string> = { NATS_URL: nats.url }
  for (const [place, name] of SUBGRAPHS.entries()) {
    const pair = stack.use(await startBalancer([first + 1 + place, second + 1 + place]))
    env[`${name.toUpperCase()}_URL`] = `http://127.0.0.1:${pair.port}`
  }
  // Whoever counts its ports from elsewhere has to be told where the simulators are.
  const variables = [
    `PORT=${second}`,
    `HUBSPOT_URL=http://127.0.0.1:${first + 10} HUBSPOT_TOKEN=simulated-portal`,
    `C3_URL=http://127.0.0.1:${first + 11} C3_TOKEN=simulated-c3`,
  ].join(' ')
  const everything = SUBGRAPHS.join(' ')
  const workers = [everything, `${variables} ${everything}`]
  const gateways = [
    { role: 'gateway', url: `http://127.0.0.1:${first}` },
    { role: `${variables} gateway`, url: `http://127.0.0.1:${second}` },
  ]
  const roles = [...gateways.map(({ role }) => role), 'simulators', ...workers]
  const hub = stack.use(await startHub({ databaseUrl: server.url, companies, roles, port: first, env }))
  const front = stack.use(await startBalancer([first, second]))
  const all = stack.move()
  return {
    hub,
    front,
    url: `http://127.0.0.1:${front.port}`,
    gateways,
    workers,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
