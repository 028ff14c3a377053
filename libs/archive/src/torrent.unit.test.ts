import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mutations, valueOrError } from '../testing/messages.ts'
import {
  BencodeError,
  decodeInfo,
  decodeTorrentFile,
  encodeInfo,
  encodeTorrentFile,
  indexPieceHashes,
  infoHash,
  isCommunityIdText,
  sha1,
  TorrentFileError,
  TorrentInfoError,
  type TorrentInfoFields,
} from './index.ts'

const communityId = `0x02${'5'.repeat(64)}`
const fields: TorrentInfoFields = {
  communityId,
  dataBytes: 204_800,
  indexBytes: 300,
  pieces: new Uint8Array(60).map((_, i) => i),
}
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
const infoBytes = encodeInfo(fields)

/** The info dictionary with a part of its text changed; pieces are plain letters, so that it has a text. */
function changed(from: string, to: string): Uint8Array {
  const text = new TextDecoder().decode(encodeInfo({ ...fields, pieces: new Uint8Array(60).fill(0x41) }))
  expect(text).toContain(from)
  return ascii(text.replace(from, to))
}

describe('an info dictionary', () => {
  it('has data first, then the index, in sorted bencoding', () => {
    const text = new TextDecoder('latin1').decode(infoBytes)
    expect(text.slice(0, text.indexOf('6:pieces'))).toBe(
      `d5:filesld6:lengthi204800e4:pathl4:dataeed6:lengthi300e4:pathl5:indexeee4:name68:${communityId}12:piece lengthi102400e`,
    )
  })

  it('is read back as it was made, also from a Buffer', () => {
    expect(decodeInfo(Buffer.from(infoBytes))).toEqual({ ...fields, infoBytes })
  })

  it('is refused when its name is no community id, such as a path', () => {
    const upperCase = `0x02${'A'.repeat(64)}`
    const uncompressed = `0x04${'5'.repeat(64)}`
    for (const name of ['', '../../data', communityId.slice(2), upperCase, uncompressed])
      expect(() => decodeInfo(changed(`68:${communityId}`, `${name.length}:${name}`))).toThrow(
        expect.objectContaining({ field: 'name' }),
      )
  })

  it('is refused when its files are not data and index in this order, by these names', () => {
    for (const [from, to] of [
      ['l4:datae', 'l5:indexe'],
      ['l4:datae', 'l2:..4:datae'],
      ['l5:indexe', 'l9:index/../e'],
      ['l5:indexe', 'le'],
      ['4:pathl4:datae', '4:path4:data'],
      ['d6:lengthi300e4:pathl5:indexee', ''],
      ['d6:lengthi300e4:pathl5:indexee', 'd6:lengthi300e4:pathl5:indexeed6:lengthi1e4:pathl5:extraee'],
    ] as const)
      expect(() => decodeInfo(changed(from, to))).toThrow(expect.objectContaining({ field: 'files' }))
  })

  it('is refused when a length, the piece length or the pieces do not fit', () => {
    for (const [from, to, field] of [
      ['i204800e', 'i204801e', 'data length'],
      ['i204800e', 'i0e', 'data length'],
      ['i204800e', 'i-102400e', 'data length'],
      ['i204800e', '1:1', 'data length'],
      ['i300e', 'i0e', 'index length'],
      ['i102400e', 'i16384e', 'piece length'],
      ['i204800e', 'i102400e', 'pieces'],
      ['60:', '59:', undefined],
    ] as const)
      expect(valueOrError(() => decodeInfo(changed(from, to)))).toMatchObject(
        field === undefined ? { name: 'BencodeError' } : { name: 'TorrentInfoError', field },
      )
    const short = ascii('A'.repeat(40))
    expect(() => encodeInfo({ ...fields, pieces: short })).toThrow(TorrentInfoError)
    expect(() => encodeInfo({ ...fields, communityId: 'data' })).toThrow(TorrentInfoError)
  })

  it('is refused with a key that does not belong, such as private', () => {
    const text = new TextDecoder().decode(encodeInfo({ ...fields, pieces: new Uint8Array(60).fill(0x41) }))
    const withPrivate = ascii(`${text.slice(0, -1)}7:privatei1ee`)
    expect(() => decodeInfo(withPrivate)).toThrow(expect.objectContaining({ field: 'info' }))
  })

  it('is refused when it says more bytes than are wanted', () => {
    expect(() => decodeInfo(infoBytes, { maxDataBytes: 204_799, maxIndexBytes: 300 })).toThrow(TorrentInfoError)
    expect(() => decodeInfo(infoBytes, { maxDataBytes: 204_800, maxIndexBytes: 299 })).toThrow(TorrentInfoError)
    expect(decodeInfo(infoBytes, { maxDataBytes: 204_800, maxIndexBytes: 300 })).toMatchObject(fields)
  })

  it('of any bytes is a typed error or the same bytes again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), mutations(infoBytes)), (bytes) => {
        const info = valueOrError(() => decodeInfo(bytes))
        expect('infoBytes' in info ? encodeInfo(info) : bytes).toEqual(bytes)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('bencoding from outside', () => {
  it('is refused when it is not written the one right way', () => {
    for (const text of [
      '',
      'i1',
      'ie',
      'i01e',
      'i-0e',
      'i-e',
      'i1.5e',
      'i9007199254740993e',
      'l',
      'd',
      'd1:a',
      'di1ei1ee',
      'd1:bi1e1:ai1ee',
      'd1:ai1e1:ai1ee',
      '2:a',
      '01:a',
      '-1:a',
      '99999999999999999999:a',
      'x',
      'lee',
    ])
      expect(() => decodeInfo(ascii(text))).toThrow(BencodeError)
  })

  it('is refused when it nests deep or has very many values', () => {
    expect(() => decodeInfo(ascii('l'.repeat(1_000_000)))).toThrow(BencodeError)
    expect(() => decodeInfo(ascii(`l${'0:'.repeat(200_000)}e`))).toThrow(BencodeError)
  })
})

describe('a torrent file', () => {
  const trackers = ['udp://one.example:1337/announce', 'udp://two.example:6969/announce']

  it('is read back as it was made', () => {
    const file = { infoBytes, trackers, createdBy: '0x04', creationDate: 1_704_067_200 }
    expect(decodeTorrentFile(encodeTorrentFile(file))).toEqual(file)
    const least = { infoBytes, trackers: [], createdBy: undefined, creationDate: undefined }
    expect(decodeTorrentFile(Buffer.from(encodeTorrentFile(least)))).toEqual(least)
  })

  it('may have several trackers a tier, one alone, and keys that are not known', () => {
    const info = new TextDecoder().decode(encodeInfo({ ...fields, pieces: new Uint8Array(60).fill(0x41) }))
    const tiers = decodeTorrentFile(ascii(`d13:announce-listll1:a1:bel1:a1:cee7:comment1:x4:info${info}e`))
    expect(tiers.trackers).toEqual(['a', 'b', 'c'])
    expect(decodeTorrentFile(ascii(`d8:announce1:a4:info${info}e`)).trackers).toEqual(['a'])
  })

  it('is refused without info, or with fields of another kind', () => {
    for (const text of [
      'le',
      'de',
      'd4:infolee',
      'd13:announce-listi1e4:infodee',
      'd13:announce-listl1:ae4:infodee',
      'd10:created byi1e4:infodee',
      'd13:creation date1:a4:infodee',
      'd8:announcei1e4:infodee',
    ])
      expect(() => decodeTorrentFile(ascii(text))).toThrow(TorrentFileError)
    const many = Array.from({ length: 101 }, (_, i) => `l${`${i}`.length}:${i}e`).join('')
    expect(() => decodeTorrentFile(ascii(`d13:announce-listl${many}e4:infodee`))).toThrow(TorrentFileError)
    expect(() => decodeTorrentFile(ascii(`d8:announce3000:${'a'.repeat(3000)}4:infodee`))).toThrow(TorrentFileError)
    expect(() => decodeTorrentFile(Uint8Array.of(...ascii('d8:announce1:'), 0xff, ...ascii('4:infodee')))).toThrow(
      TorrentFileError,
    )
  })

  it('of any bytes is a value or a typed error', () => {
    const file = encodeTorrentFile({ infoBytes, trackers, createdBy: '0x04', creationDate: 1 })
    fc.assert(
      fc.property(mutations(file), (bytes) => {
        expect(() => valueOrError(() => decodeInfo(decodeTorrentFile(bytes).infoBytes))).not.toThrow()
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('hashes', () => {
  it('of an index are those of its pieces, the last one short', () => {
    const index = new Uint8Array(102_401).fill(1)
    const hashes = [sha1(index.subarray(0, 102_400)), sha1(index.subarray(102_400))]
    expect(indexPieceHashes(index, sha1)).toEqual(Uint8Array.of(...hashes[0]!, ...hashes[1]!))
    expect(indexPieceHashes(new Uint8Array(0), sha1)).toHaveLength(0)
  })

  it('of an info dictionary are 40 lower-case hex digits', () => {
    expect(infoHash(ascii('abc'), sha1)).toBe('a9993e364706816aba3e25717850c26c9cd0d89d')
  })
})

describe('isCommunityIdText', () => {
  it('is true of a compressed public key in lower-case hex and nothing else', () => {
    expect(isCommunityIdText(communityId)).toBe(true)
    for (const text of ['', communityId.slice(1), `${communityId}\n`, `/${communityId}`, communityId.toUpperCase()])
      expect(isCommunityIdText(text)).toBe(false)
  })
})
