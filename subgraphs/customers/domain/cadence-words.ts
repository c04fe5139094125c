const MINUTE_MS = 60_000

/** How often something is done, for people. */
export const cadenceWords = (cadence: { everyMs: number | null; dailyMinute: number | null }): string => {
  const { everyMs, dailyMinute } = cadence
  if (everyMs === null) {
    const minute = dailyMinute ?? 0
    const two = (n: number) => String(n).padStart(2, '0')
    return `daily at ${two(Math.floor(minute / 60))}:${two(minute % 60)}`
  }
  const [count, unit] =
    everyMs % (60 * MINUTE_MS) === 0
      ? [everyMs / (60 * MINUTE_MS), 'hour']
      : everyMs % MINUTE_MS === 0
        ? [everyMs / MINUTE_MS, 'minute']
        : [everyMs / 1000, 'second']
  return count === 1 ? `every ${unit}` : `every ${count} ${unit}s`
}
