import { InvalidNatsOptionError } from './errors.ts'

/**
 * A namespace stands before every subject and, in upper case, before every stream's name, so that several
 * installations share a server.
 * @throws InvalidNatsOptionError
 */
export function checkNamespace(namespace: string): void {
  if (/^[a-z][a-z0-9_-]{0,31}$/.test(namespace)) return
  throw new InvalidNatsOptionError(
    'namespace',
    `${JSON.stringify(namespace)}: expected a small letter and then small letters, digits, hyphens, underscores, 32 at most`,
  )
}
