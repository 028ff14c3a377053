/** The subjects on which a server of NATS takes requests about its streams and consumers. Spelled here only. */
export const jetStreamSubjects = {
  accountInfo: '$JS.API.INFO',
  streamCreate: (stream: string) => `$JS.API.STREAM.CREATE.${stream}`,
  streamInfo: (stream: string) => `$JS.API.STREAM.INFO.${stream}`,
  messageGet: (stream: string) => `$JS.API.STREAM.MSG.GET.${stream}`,
  messageDelete: (stream: string) => `$JS.API.STREAM.MSG.DELETE.${stream}`,
  consumerList: (stream: string) => `$JS.API.CONSUMER.LIST.${stream}`,
  consumerInfo: (stream: string, consumer: string) => `$JS.API.CONSUMER.INFO.${stream}.${consumer}`,
  consumerCreate: (stream: string, consumer: string) => `$JS.API.CONSUMER.CREATE.${stream}.${consumer}`,
  consumerDelete: (stream: string, consumer: string) => `$JS.API.CONSUMER.DELETE.${stream}.${consumer}`,
  /** Creating, deleting, and everything else that is asked in this form. */
  consumerAnything: (stream: string, consumer: string) => `$JS.API.CONSUMER.*.${stream}.${consumer}`,
  consumerNext: (stream: string, consumer: string) => `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
  /** Acknowledgements, in the form of all servers and in the one that those from 2.14 on may be set to. */
  acknowledgements: (stream: string, consumer: string) => [
    `$JS.ACK.${stream}.${consumer}.>`,
    `$JS.ACK.*.*.${stream}.${consumer}.>`,
  ],
} as const
