const TICK_MS = 10

/**
 * Measures how long something takes, without what a busy machine takes from this process meanwhile: a turn that comes late counts as
 * two ticks, however late it is. For what waits, not for what computes.
 */
export const stopwatch = () => {
  let [ms, last] = [0, performance.now()]
  const tick = () => {
    const now = performance.now()
    ms += Math.min(now - last, 2 * TICK_MS)
    last = now
    return ms
  }
  const timer = setInterval(tick, TICK_MS)
  timer.unref()
  return {
    /** Milliseconds since it was started. */
    ms: tick,
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
