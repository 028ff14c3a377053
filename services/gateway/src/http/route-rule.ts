export type Verb = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS'

/** Who may use a route. */
export type Allows =
  /** No token is looked at: what is answered says nothing that not everybody may know. */
  | 'anybody'
  /** The operator alone. */
  | 'operator'
  /** Who brings a token; an owner is answered of their own communities alone. */
  | 'token'
  /** The operator, and the owner of the community that the path names in `:communityId`. */
  | 'owner'
  /** As `owner`, and anybody where that community is public. */
  | 'public'

export interface RouteRule {
  readonly verb: Verb
  /** As fastify writes it. HEAD goes with GET. */
  readonly path: string
  readonly allows: Allows
  /** True where the Host header is not looked at: for what has nothing to take that a foreign page could be after. */
  readonly anyHost?: true
  /** True where the part that answers bounds by itself how often it is asked. */
  readonly ownLimits?: true
}
