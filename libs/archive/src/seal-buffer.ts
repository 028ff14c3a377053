import { pieceLengthBytes } from './pieces.ts'
import { WireWriter } from './wire-writer.ts'

/** Room for nearly every archive of 30,000,000 bytes of messages: what else is in them adds less than a third. */
const firstGrowthBytes = 40_000_000

/** A larger one was for an archive as good as never made, and goes. */
const keptBytes = 2 * firstGrowthBytes

export function freshWriter(): WireWriter {
  return new WireWriter(4 * pieceLengthBytes, firstGrowthBytes)
}

/**
 * The memory that archives are made in, for who makes archives again and again: the system takes longer to hand out
 * fresh memory than it takes to fill it. One sealing at a time uses it; another one beside it takes memory of its own.
 */
export class SealBuffer {
  #writer: WireWriter | undefined

  /** For `sealArchives`: the memory, which is not here until it is given back. */
  take(): WireWriter {
    const writer = this.#writer ?? freshWriter()
    this.#writer = undefined
    return writer
  }

  /** For `sealArchives`. */
  giveBack(writer: WireWriter): void {
    if (writer.capacityBytes <= keptBytes) this.#writer = writer
  }
}
