import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'

/** So much may wait for one client before whoever sends is told to wait as well. */
const MOST_WAITING_BYTES = 16 * 1024

/** Those to which something was sent since the event loop last came round. */
let gathering: GatheringSocket[] = []

const writeAll = (): void => {
  const all = gathering
  gathering = []
  for (const socket of all) socket.write()
}

/**
 * A WebSocket that writes at once what is sent to it between two rounds of the event loop. Telling the system to write takes
 * longer than everything else that is done for an event; several that come together are one write to each client.
 */
export class GatheringSocket extends WebSocket {
  #carrier: Duplex | undefined

  /** Says over which connection it speaks. Until then it writes each message by itself. */
  carriedBy(carrier: Duplex): void {
    this.#carrier = carrier
  }

  // Only as graphql-ws sends: a text, and what to call when the next one may come. What cannot be sent any more is not told as an
  // error, which graphql-ws would write to the console: the connection closes, and what was followed over it ends with that.
  override send(text: string, sent?: unknown): void {
    if (this.readyState === WebSocket.OPEN && this.#carrier?.writableCorked === 0) {
      this.#carrier.cork()
      if (gathering.push(this) === 1) setImmediate(writeAll)
    }
    const told = sent as ((error?: Error) => void) | undefined
    const isFull = this.bufferedAmount >= MOST_WAITING_BYTES
    super.send(text, isFull ? () => told?.() : undefined)
    if (!isFull) told?.()
  }

  write(): void {
    this.#carrier?.uncork()
  }
}
