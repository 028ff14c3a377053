export { describeChannelLossContract, describeCommunityChannelContract } from './community-channel-contract.ts'
export type {
  CommunityChannelHarness,
  LossyChannelHarness,
  OpenCommunityChannel,
} from './community-channel-contract.ts'
