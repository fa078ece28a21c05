// The closures tool's state: what is drawn, what is said of it, what came of closing and of lifting.
//
// Invariant: what is told is one closure: its key stays while it is, so that sending it again after a break closes nothing
// twice, and is a new one when drawing or words have changed, which the first answer would not be about.
import { computed, reactive, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { useDeed, type Deed } from '../../../api/deed'
import { useKey } from '../../../api/key'
import { closeRoads, openRoads, PROFILES, type ClosureAnswer, type NewClosure, type Profile } from '../../../api/roads'
import { geometryOf, type Sketch, type SketchKind } from '../../../geo/sketch'
import { fromShanghai } from '../../../i18n/measure'

export const DEPTH_MAX_CM = 1000

export interface ClosureForm {
  cause: string
  reason: string
  profiles: Profile[]
  /** Who can not pass follows from the depth of water; `null`: it is said by name. */
  depth_cm: number | null
  /** As typed, Beijing time. */
  until: string
  source: string
}

const empty = (): ClosureForm => ({ cause: 'flood', reason: '', profiles: [...PROFILES], depth_cm: null, until: '', source: '' })

/** What is missing in a form, `null` when nothing is. */
export function missingIn(form: ClosureForm): 'needReason' | 'needWho' | null {
  if (form.reason.trim() === '') return 'needReason'
  return form.depth_cm === null && form.profiles.length === 0 ? 'needWho' : null
}

/** Returns what is told to the server; what was left empty is left out, and with a depth it says who can not pass. */
export function closureOf(form: ClosureForm): NewClosure {
  const to = form.until ? fromShanghai(form.until) : null
  const source = form.source.trim()
  return {
    cause: form.cause, reason: form.reason.trim(),
    ...(form.depth_cm === null ? { profiles: PROFILES.filter((profile) => form.profiles.includes(profile)) } : { depth_cm: form.depth_cm }),
    ...(to ? { to } : {}),
    ...(source ? { source } : {}),
  }
}

export interface Outcome {
  deed: 'closed' | 'lifted'
  reason: string
  answer: ClosureAnswer
}

export interface ClosuresTool {
  form: ClosureForm
  /** Which kind of shape is being drawn, `null` when none is. */
  drawing: ShallowRef<SketchKind | null>
  sketch: ShallowRef<Sketch | null>
  /** The shape is whole and waits for what is said of it. */
  isDrawn: ComputedRef<boolean>
  chosen: ShallowRef<string | null>
  outcome: ShallowRef<Outcome | null>
  deed: Deed
  draw: (kind: SketchKind) => void
  sketched: (sketch: Sketch) => void
  drawn: (sketch: Sketch) => void
  discard: () => void
  close: () => Promise<boolean>
  lift: (id: string, reason: string) => Promise<boolean>
}

export function useClosuresTool(): ClosuresTool {
  const form = reactive<ClosureForm>(empty())
  const drawing = shallowRef<SketchKind | null>(null)
  const sketch = shallowRef<Sketch | null>(null)
  const chosen = shallowRef<string | null>(null)
  const outcome = shallowRef<Outcome | null>(null)
  const deed = useDeed()
  const keyOf = useKey()

  function draw(kind: SketchKind): void {
    outcome.value = null
    chosen.value = null
    deed.error.value = null
    sketch.value = null
    drawing.value = kind
  }

  function drawn(done: Sketch): void {
    sketch.value = done
    drawing.value = null
  }

  function discard(): void {
    drawing.value = null
    sketch.value = null
    deed.error.value = null
  }

  async function close(): Promise<boolean> {
    const geometry = sketch.value && geometryOf(sketch.value)
    if (!geometry || missingIn(form)) return false
    const told = closureOf(form)
    const done = await deed.run(() => closeRoads(geometry, told, keyOf({ geometry, told })))
    if (!done) return false
    keyOf.forget()
    outcome.value = { deed: 'closed', reason: form.reason.trim(), answer: done.value }
    Object.assign(form, empty())
    discard()
    return true
  }

  async function lift(id: string, reason: string): Promise<boolean> {
    const done = await deed.run(() => openRoads(id))
    if (!done) return false
    chosen.value = null
    outcome.value = { deed: 'lifted', reason, answer: done.value }
    return true
  }

  const isDrawn = computed(() => drawing.value === null && sketch.value !== null)
  return { form, drawing, sketch, isDrawn, chosen, outcome, deed, draw, sketched: (next) => (sketch.value = next), drawn, discard, close, lift }
}
