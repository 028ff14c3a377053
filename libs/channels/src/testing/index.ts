export { describeCommunityChannelContract } from './community-channel-contract.ts'
export type { CommunityChannelHarness, OpenCommunityChannel } from './community-channel-contract.ts'
