/** A command that the rules refuse. Nothing was changed. */
export abstract class CommunityRuleError extends Error {
  readonly communityId: string

  constructor(communityId: string, message: string) {
    super(message)
    this.communityId = communityId
  }
}

/** `AddCommunity` for a community that is joined. */
export class CommunityExistsError extends CommunityRuleError {
  override readonly name = 'CommunityExistsError'

  constructor(communityId: string) {
    super(communityId, `community ${communityId} was added before; leave it first, or change its chats`)
  }
}

/** A command for a community that was never added. */
export class UnknownCommunityError extends CommunityRuleError {
  override readonly name = 'UnknownCommunityError'

  constructor(communityId: string) {
    super(communityId, `community ${communityId} is not known here; add it first`)
  }
}

/** A command for a community that was left. */
export class AlreadyLeftError extends CommunityRuleError {
  override readonly name = 'AlreadyLeftError'

  constructor(communityId: string) {
    super(communityId, `community ${communityId} was left; add it again first`)
  }
}

/** Chats of which two have the same channel id. */
export class DuplicateChannelError extends CommunityRuleError {
  override readonly name = 'DuplicateChannelError'
  readonly channelId: string

  constructor(communityId: string, channelId: string) {
    super(communityId, `channel ${channelId} stands twice among the chats of community ${communityId}; name it once`)
    this.channelId = channelId
  }
}
