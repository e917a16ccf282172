// What every program of a day has: who asks, a log-in by way of a person's browser, steps that are told one by one.
// It speaks in lines of JSON: {"authorize": address} asks for a code on its input, {"step": …} is one that was done.
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { url: { type: 'string' }, other: { type: 'string' }, picture: { type: 'string' } } })

/** The node's address, the token of somebody else there, the file of a picture. */
export const asked = values

const say = (said) => process.stdout.write(JSON.stringify(said) + '\n')
const heard = createInterface({ input: process.stdin })

/** The code that a person brings back from the address where she consents. */
export async function codeFrom(address) {
  say({ authorize: address })
  return (await heard[Symbol.asyncIterator]().next()).value.trim()
}

/** Do one thing; what went wrong is told, and the day goes on. */
export async function step(name, what) {
  try {
    const done = await what()
    say({ step: name })
    return done
  } catch (error) {
    const answered = error.response?.data ? JSON.stringify(error.response.data) : ''
    say({ step: name, error: `${error.stack ?? error} ${answered}`.slice(0, 2000) })
  }
}

/** The day is over: connections that are still open do not keep the program. */
export function over() {
  say({ over: true })
  process.exit(0)
}

export function expect(held, otherwise) {
  if (!held) throw new Error(otherwise)
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms))

/** The first thing that *look* finds, within ten seconds. */
export async function until(what, look) {
  for (const end = Date.now() + 10_000; Date.now() < end; await pause(100)) {
    const found = await look()
    if (found) return found
  }
  throw new Error(`not seen within ten seconds: ${what}`)
}
