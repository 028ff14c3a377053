import { startOtlpReceiver, telemetryTo } from '@annals/telemetry/testing'
import { expect, it } from 'vitest'
import { askHttp, operatorOf } from '../testing/http-client.ts'
import { startTestGateway } from '../testing/index.ts'

it('a request is a span of its own that has the route and the status, and nothing that was sent', async () => {
  await using receiver = await startOtlpReceiver()
  await using telemetry = await telemetryTo(receiver.endpoint, { metrics: false })
  await using gateway = await startTestGateway({ override: () => ({ tracing: telemetry.tracing('gateway') }) })
  const token = await operatorOf(gateway)
  const communityId = `0x02${'ab'.repeat(32)}`
  await askHttp(gateway, `/api/v1/communities/${communityId}?secret=one`, { token })
  await receiver.until(() => receiver.spans.length > 0)
  const [span] = receiver.spans
  expect(span).toMatchObject({
    name: 'GET /api/v1/communities/:communityId',
    parentSpanId: '',
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/api/v1/communities/:communityId',
      'http.response.status_code': 400,
    },
  })
  const sent = receiver.requests.map(({ body }) => body.toString()).join('')
  for (const secret of [token, 'secret=one', communityId]) expect(sent).not.toContain(secret)
})
