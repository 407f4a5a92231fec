// PouchDB against express-pouchdb on this machine: so many documents pushed, then pulled. Prints one line of JSON.
// Run by peer_pouchdb.py in the folder where the packages were put; both ends keep their files there.
const express = require('express')
const PouchDB = require('pouchdb')
const { Worker, isMainThread, workerData, parentPort } = require('worker_threads')

const BATCH = 500

if (!isMainThread) {
  const app = express()
  const Stored = PouchDB.defaults({ prefix: workerData.folder + '/server-' })
  app.use('/', require('express-pouchdb')(Stored, { inMemoryConfig: true, logPath: workerData.folder + '/log' }))
  const server = app.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
} else {
  const [folder, count] = [process.argv[2], Number(process.argv[3])]
  const worker = new Worker(__filename, { workerData: { folder } })
  worker.once('message', port => measure(folder, count, port).then(line => {
    console.log(JSON.stringify(line))
    process.exit(0)
  }, error => {
    console.error(String(error))
    process.exit(1)
  }))
}

function answer (number) {
  return {
    _id: 'bench-' + String(number).padStart(9, '0'),
    fam: 'answer', visit: '019a0000-0000-7000-8000-000000000001', actor: 'o-1', schema: 1, op: 'put',
    hlc: '019a00000000-' + number.toString(16).padStart(4, '0'),
    body: {
      id: 'a-' + number, visit: '019a0000-0000-7000-8000-000000000001', item: 'bench-item-1', point: 'point-' + number,
      verdict: 'pass', note: number % 10 ? '' : '现场已拍照,见证据清单', value: '', answered_at: '2026-03-17T01:00:00Z',
      answered_by: 'o-1'
    }
  }
}

async function timed (work) {
  const begun = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - begun) / 1e9
}

async function measure (folder, count, port) {
  const author = new PouchDB(folder + '/author')
  const reader = new PouchDB(folder + '/reader')
  const remote = `http://127.0.0.1:${port}/bench`
  for (let first = 0; first < count; first += BATCH) {
    await author.bulkDocs(Array.from({ length: Math.min(BATCH, count - first) }, (_, at) => answer(first + at)))
  }
  const options = { batch_size: BATCH }
  const pushed = await timed(() => author.replicate.to(remote, options))
  const pulled = await timed(() => reader.replicate.from(remote, options))
  const info = await reader.info()
  if (info.doc_count < count) throw new Error(`only ${info.doc_count} documents arrived`)
  return {
    name: 'pouchdb', what: 'to express-pouchdb on LevelDB, plain, batches of 500', unit: 'docs/s',
    push_rate: count / pushed, pull_rate: count / pulled
  }
}
