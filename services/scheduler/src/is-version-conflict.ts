/** Whether a write found another version than it expected: somebody else was faster. */
export function isVersionConflict(error: unknown): boolean {
  return error instanceof Error && error.name === 'VersionConflictError'
}
