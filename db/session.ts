import pg from 'pg'

/** Connects for the length of `run`. A lost connection fails the query under way, and nothing else. */
export const session = async <T>(url: string, run: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({
    connectionString: url,
    // A process that starts composes the graph at the same time, and on a busy machine does not look here for ten seconds.
    connectionTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'tributary migrate',
  })
  client.on('error', () => {
    // Every query of a lost connection fails by itself; without a listener the process would end.
  })
  await client.connect()
  try {
    return await run(client)
  } finally {
    await client.end()
  }
}

/** Holds a lock of the connected database by name while `run` runs; others wait. Released when the connection dies. */
export const exclusively = async <T>(client: pg.Client, name: string, run: () => Promise<T>): Promise<T> => {
  await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [name])
  try {
    return await run()
  } finally {
    // The connection ends right after in any case; a lost one has already let go.
    await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name]).catch(() => undefined)
  }
}
