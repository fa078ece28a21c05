// Fails when the script in front of the public list outgrows its budget.
//
// Counts, gzipped, the entry of dist/ and everything the look-up page needs before its list can appear: the static
// imports of both, not what is loaded later (the map).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const BUDGET_BYTES = 150_000
const AIM_BYTES = 60_000
const dist = join(import.meta.dirname, '..', 'dist')
const manifest = JSON.parse(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8'))

/** Adds a chunk and all it imports statically. */
function collect(key, found = new Set()) {
  if (found.has(key)) return found
  found.add(key)
  for (const next of manifest[key].imports ?? []) collect(next, found)
  return found
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry)
const page = Object.keys(manifest).find((key) => key.endsWith('lookup/LookupPage.vue'))
if (!entry || !page) throw new Error('the manifest names no entry or no look-up page: run `npm run build` first')

const files = new Set([...collect(entry), ...collect(page)].map((key) => manifest[key].file))
let total = 0
for (const file of [...files].sort()) {
  const text = readFileSync(join(dist, file))
  if (text.includes('maplibregl-map')) throw new Error(`${file} carries the map in front of the list`)
  const size = gzipSync(text, { level: 9 }).length
  total += size
  console.log(`${String(size).padStart(8)}  ${file}`)
}
console.log(`${String(total).padStart(8)}  bytes of gzipped script in front of the list (budget ${BUDGET_BYTES}, aim ${AIM_BYTES})`)
if (total > BUDGET_BYTES) {
  console.error('Over budget. Load what the list does not need with import(), or leave it out.')
  process.exit(1)
}
