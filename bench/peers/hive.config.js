/** Hive Gateway's configuration file, read by its own command: it hands the caller's principal on, and logs nothing. */
export const gatewayConfig = {
  logging: false,
  landingPage: false,
  graphiql: false,
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) => ({
      'x-hub-principal': request.headers.get('x-hub-principal') ?? undefined,
    }),
  },
}
