interface Flight<T> {
  promise: Promise<T>
  over: AbortController
  waiting: number
}

/**
 * Questions under way that others may wait for as well. Each waits for as long as its own caller does; what was asked is
 * given up when nobody waits for it any more.
 */
export class InFlight<T> {
  #flights = new Map<string, Flight<T>>()
  #shared = 0

  /** How many have waited for the question of another. */
  get shared(): number {
    return this.#shared
  }

  /** Joins the question of this name, or begins it. @param key everything that can change the answer, who asks above all */
  share(key: string, signal: AbortSignal, begin: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const known = this.#flights.get(key)
    if (known) this.#shared++
    const flight = known ?? this.#begin(key, begin)
    flight.waiting++
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(signal.reason)
        if (--flight.waiting > 0) return
        this.#forget(key, flight)
        flight.over.abort(signal.reason)
      }
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave)
      flight.promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    })
  }

  /** Whoever asks from now on asks anew: what is under way may have been answered before something was changed. */
  close(): void {
    if (this.#flights.size > 0) this.#flights = new Map()
  }

  #begin(key: string, begin: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const over = new AbortController()
    const flight: Flight<T> = { promise: begin(over.signal), over, waiting: 0 }
    this.#flights.set(key, flight)
    const forget = () => this.#forget(key, flight)
    flight.promise.then(forget, forget)
    return flight
  }

  #forget(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
  }
}
