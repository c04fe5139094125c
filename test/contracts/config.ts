import { optional, readConfig, secret } from '#kernel/config.ts'

/** Real accounts to run the contracts on, besides the simulators. */
export const config = readConfig({
  /** A private app's token of a sandbox portal: records are made and archived there. */
  hubspotSandboxToken: optional(secret('HUBSPOT_SANDBOX_TOKEN')),
})
