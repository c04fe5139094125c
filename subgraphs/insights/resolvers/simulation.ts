import { pageSize } from '#kernel/cursor.ts'
import { isRefusal } from '#service/refusal.ts'
import { simulateSettings } from '../commands/simulate-settings.ts'
import type { Context } from '../context.ts'
import type { AskedSettings } from '../domain/settings.ts'

export const simulationQueries = {
  simulateSettings: async (_: unknown, { changes }: { changes: AskedSettings }, ctx: Context) => {
    const found = await simulateSettings(ctx, changes)
    if (isRefusal(found)) return found
    return {
      __typename: 'SettingsSimulation' as const,
      ...found,
      movers: ({ first }: { first: number }) =>
        found.movers.slice(0, pageSize(first)).map(({ customerId, from, to }) => ({
          customer: { id: customerId },
          ...{ from: from.toFixed(2), to: to.toFixed(2), points: (to - from).toFixed(2) },
        })),
    }
  },
}
