import { DEMO_TOKEN, startHubSpotSimulator } from '#connectors/hubspot/simulator/index.ts'
import { systemClock } from '#kernel/clock.ts'
import { config } from './config.ts'
import { hubspotContract } from './hubspot.ts'

hubspotContract('the simulator', async () => {
  const simulator = await startHubSpotSimulator({ port: 0, companies: 40, clock: systemClock })
  return {
    token: DEMO_TOKEN,
    basePath: simulator.url,
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  }
})

const { hubspotSandboxToken } = config
if (hubspotSandboxToken !== undefined)
  hubspotContract('a sandbox portal', async () => ({
    token: hubspotSandboxToken,
    [Symbol.asyncDispose]: async () => undefined,
  }))
