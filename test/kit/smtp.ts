import { createServer, type Socket } from 'node:net'

/** A mail as it came in. */
export interface ReceivedMail {
  from: string
  to: string[]
  headers: Record<string, string>
  text: string
}

/**
 * What the server does with mails: takes them; is too busy; refuses whoever they are for; or takes them and goes away before it says so,
 * once.
 */
export type Mood = 'TAKES' | 'BUSY' | 'REFUSES' | 'LOSES_ANSWER'

const unfold = (head: string): Record<string, string> =>
  Object.fromEntries(
    head
      .replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
  )

const plain = (text: string, encoding = ''): string =>
  /quoted-printable/i.test(encoding)
    ? text
        .replace(/=\r\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    : /base64/i.test(encoding)
      ? Buffer.from(text, 'base64').toString()
      : text

/** A small mail server (RFC 5321, what a client without extensions needs) that keeps what it takes. */
export const startSmtp = async () => {
  const mails: ReceivedMail[] = []
  const sockets = new Set<Socket>()
  const state = { mood: 'TAKES' as Mood, tries: 0 }
  const serve = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    const say = (line: string) => socket.write(`${line}\r\n`)
    let [buffer, from, inData] = ['', '', false]
    let to: string[] = []
    say('220 test ready')
    const take = (raw: string) => {
      const [head = '', ...body] = raw.split('\r\n\r\n')
      const headers = unfold(head)
      const text = plain(body.join('\r\n\r\n'), headers['content-transfer-encoding'])
      mails.push({ from, to, headers, text: text.replace(/^\.\./gm, '.') })
      if (state.mood !== 'LOSES_ANSWER') return say('250 taken')
      state.mood = 'TAKES'
      socket.destroy()
    }
    const command = (line: string) => {
      const verb = line.slice(0, 4).toUpperCase()
      if (verb === 'MAIL') {
        state.tries++
        if (state.mood === 'BUSY') return say('451 try again later')
        from = /<(.*)>/.exec(line)?.[1] ?? ''
        to = []
      }
      if (verb === 'RCPT') {
        if (state.mood === 'REFUSES') return say('550 nobody of that name')
        to.push(/<(.*)>/.exec(line)?.[1] ?? '')
      }
      if (verb === 'DATA') {
        inData = true
        return say('354 go on')
      }
      if (verb === 'QUIT') return socket.end('221 bye\r\n')
      say('250 ok')
    }
    socket.on('data', (chunk) => {
      buffer += chunk.toString('latin1')
      for (;;) {
        const end = inData ? buffer.indexOf('\r\n.\r\n') : buffer.indexOf('\r\n')
        if (end < 0) return
        const part = buffer.slice(0, end)
        buffer = buffer.slice(end + (inData ? 5 : 2))
        if (inData) {
          inData = false
          take(part)
        } else command(part)
      }
    })
  }
  const server = createServer(serve)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    /** How often somebody began to hand a mail over. */
    tries: () => state.tries,
    feel: (mood: Mood) => {
      state.mood = mood
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
