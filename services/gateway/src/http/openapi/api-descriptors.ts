import type { DescField, DescFile, DescMessage, DescMethod } from '@bufbuild/protobuf'
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { readDescriptors } from '../../descriptors.ts'

/** Field numbers of descriptors, of which paths to comments are made: see google/protobuf/descriptor.proto. */
const [messageType, service, field, method] = [4, 6, 2, 2]

/** What the protocol files say of the interface. */
export interface ApiDescriptors {
  /** Of `annals.api.v1.AnnalsService`, by name. */
  readonly methods: ReadonlyMap<string, DescMethod>
  /** Of `annals.api.v1` and of `annals.events.v1`. */
  readonly events: readonly DescMessage[]
  /** The comment before it, on one line; empty where there is none. */
  comment(of: DescMessage | DescField | DescMethod): string
}

export function readApiDescriptors(): ApiDescriptors {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readDescriptors()))
  const found = registry.getService('annals.api.v1.AnnalsService')
  const comments = new Map<DescFile, ReadonlyMap<string, string>>()
  for (const file of registry.files) comments.set(file, commentsOf(file))
  const eventsFile = [...registry.files].find(({ proto }) => proto.package === 'annals.events.v1')
  return {
    methods: new Map((found?.methods ?? []).map((each) => [each.name, each])),
    events: eventsFile?.messages ?? [],
    comment: (of) => comments.get(fileOf(of))?.get(pathOf(of)) ?? '',
  }
}

function fileOf(of: DescMessage | DescField | DescMethod): DescFile {
  return of.kind === 'message' ? of.file : of.parent.file
}

/** Where the comment stands. Messages within messages, as entries of maps are, have none. */
function pathOf(of: DescMessage | DescField | DescMethod): string {
  if (of.kind === 'message') return [messageType, of.file.messages.indexOf(of)].join('.')
  if (of.kind === 'field') return [pathOf(of.parent), field, of.parent.fields.indexOf(of)].join('.')
  return [service, of.parent.file.services.indexOf(of.parent), method, of.parent.methods.indexOf(of)].join('.')
}

function commentsOf({ proto }: DescFile): Map<string, string> {
  const comments = new Map<string, string>()
  for (const { path, leadingComments } of proto.sourceCodeInfo?.location ?? [])
    if (leadingComments !== '') comments.set(path.join('.'), leadingComments.trim().replaceAll(/\s*\n\s*/g, ' '))
  return comments
}
