import { startOrSkip } from '@annals/local-servers/testing'
import { describe, expect, it } from 'vitest'
import { runClusterFaults } from './support/run-cluster-faults.ts'

describe('a cluster in which everything goes wrong', () => {
  it('does what the embedded set does in peace, and handles every event', async (test) => {
    const seed = Date.now() % 1_000_000
    const lived: string[] = []
    const plan = {
      seed,
      counts: {
        'a service is killed': 20,
        'a service is told to stop': 6,
        'the broker is killed': 2,
        'the broker loses what it took last': 2,
        'the database is killed': 2,
        'connections are dropped': 2,
        'connections fall silent': 2,
        'one direction of the connections falls silent': 2,
        'the network is slow': 2,
      },
      onFault: (name: string) => lived.push(name),
    }
    const { disturbed, undisturbed, unhandled } = await startOrSkip(test, () => runClusterFaults(plan, 2))
    const told = `seed ${seed}: ${lived.join(', ')}`
    expect(disturbed.differences, told).toStrictEqual([])
    expect(disturbed, told).toStrictEqual(undisturbed)
    expect(unhandled, told).toStrictEqual([])
  }, 900_000)
})
