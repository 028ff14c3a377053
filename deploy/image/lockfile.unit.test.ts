import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'

interface Lockfile {
  readonly packages: Readonly<
    Record<
      string,
      { readonly os?: readonly string[]; readonly cpu?: readonly string[]; readonly libc?: readonly string[] }
    >
  >
}

const lockfile = parse(readFileSync(join(import.meta.dirname, '..', '..', 'pnpm-lock.yaml'), 'utf8')) as Lockfile

/** Packages for Debian's Linux on a processor. */
function packagesFor(processor: string): string[] {
  return Object.entries(lockfile.packages).flatMap(([name, { os = [], cpu = [], libc = ['glibc'] }]) =>
    os.includes('linux') && cpu.includes(processor) && libc.includes('glibc') ? [name] : [],
  )
}

/** The same for each processor, whatever a package calls it. */
function named(name: string): string {
  return name.replace(/x64|arm64|aarch64/, 'processor')
}

it('what is installed has its native parts for amd64 and for arm64, at the same version', () => {
  const amd64 = packagesFor('x64')
  expect(amd64.some((name) => name.startsWith('@node-datachannel/'))).toBe(true)
  const arm64 = new Set(packagesFor('arm64').map((name) => named(name)))
  expect(amd64.filter((name) => !arm64.has(named(name)))).toEqual([])
})
