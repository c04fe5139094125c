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
  // Subscriptions go to the subgraphs as ours do: over one socket for all, where who asks is said at the beginning.
  transportEntries: {
    '*.http': {
      options: {
        subscriptions: {
          kind: 'ws',
          location: '/graphql',
          options: { connectionParams: { 'x-hub-principal': '{context.connectionParams.x-hub-principal}' } },
        },
      },
    },
  },
}
