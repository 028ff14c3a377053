import { setTimeout } from 'node:timers/promises'

/**
 * Looks again and again until nothing is left to complain of.
 * @param patienceMilliseconds after which what is left is the answer
 */
export async function untilNone(look: () => Promise<string[]>, patienceMilliseconds: number): Promise<string[]> {
  const deadline = performance.now() + patienceMilliseconds
  for (;;) {
    const left = await look()
    if (left.length === 0 || performance.now() > deadline) return left
    await setTimeout(betweenLooksMilliseconds)
  }
}

const betweenLooksMilliseconds = 250
