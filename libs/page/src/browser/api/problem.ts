/** What the gateway says of a request that it refused (RFC 9457), or that there was no answer. */
export class Problem extends Error {
  override readonly name = 'Problem'
  /** 0 where there was no answer. */
  readonly status: number
  /** Such as `COMMUNITY_UNKNOWN`; empty where it does not say. */
  readonly reason: string
  readonly fields: readonly { readonly field: string; readonly description: string }[]

  constructor(
    {
      status,
      reason,
      detail,
      fields = [],
    }: Pick<Problem, 'status' | 'reason'> & {
      readonly detail: string
      readonly fields?: Problem['fields']
    },
    options?: ErrorOptions,
  ) {
    super(detail, options)
    this.status = status
    this.reason = reason
    this.fields = fields
  }
}

const prefix = 'urn:annals:problem:'

/** The problem in an answer that is no success. What something in between answered may be anything. */
export async function readProblem(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => undefined)
  const said = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const type = typeof said['type'] === 'string' && said['type'].startsWith(prefix) ? said['type'] : prefix
  const fields = Array.isArray(said['errors']) ? said['errors'].filter(isField) : []
  const detail = typeof said['detail'] === 'string' ? said['detail'] : `The node answered ${response.status}.`
  return new Problem({ status: response.status, reason: type.slice(prefix.length), detail, fields })
}

function isField(value: unknown): value is { field: string; description: string } {
  const { field, description } = (value ?? {}) as Record<string, unknown>
  return typeof field === 'string' && typeof description === 'string'
}
