/** What a benchmark takes from the environment, and what it lets the hub's processes see of it. */

/** Variables of a hub that may be set where a benchmark is started, and must not reach the hub it measures. */
const OF_A_HUB =
  /^(PORT|HOST|TRIBUTARY_HOME|DEMO_COMPANIES|LOG_LEVEL)$|^(HUB|HUBSPOT|C3|JWT|NATS)_|_(PORT|URL)$|^DATABASE_URL$/

/** The administrator's connection string of a PostgreSQL server without a hub; absent: the hub starts its own. */
export const databaseUrl: string | undefined = process.env.DATABASE_URL

const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_A_HUB.test(name)))

/** The environment of a process of the hub under test. */
export const environmentOf = (own: Readonly<Record<string, string>>): Record<string, string | undefined> => ({
  ...inherited,
  ...own,
})
