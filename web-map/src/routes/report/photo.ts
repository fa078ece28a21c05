// A photo made small enough to send: drawn again in the browser, which also leaves the camera's position and name behind.
//
// Invariant: what is returned is a JPEG of at most `PHOTO_MAX_BYTES`.

export const PHOTO_MAX_BYTES = 1_500_000
const SIDE_MAX_PX = 1600
const QUALITIES = [0.85, 0.7, 0.55, 0.4] as const

/** Returns the size that fits a square of `side`, never larger than it was. */
export function fitted(width: number, height: number, side = SIDE_MAX_PX): { width: number; height: number } {
  const share = Math.min(1, side / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) }
}

/** Returns the photo as base 64 of a JPEG. Rejects for what is no image. */
export async function shrink(file: Blob): Promise<string> {
  const image = await createImageBitmap(file)
  const size = fitted(image.width, image.height)
  const canvas = document.createElement('canvas')
  Object.assign(canvas, size)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('no 2D canvas')
  context.drawImage(image, 0, 0, size.width, size.height)
  image.close()
  for (const quality of QUALITIES) {
    const bytes = base64Of(canvas.toDataURL('image/jpeg', quality))
    if (bytes.length * 0.75 <= PHOTO_MAX_BYTES) return bytes
  }
  throw new Error('the photo stays too large')
}

const base64Of = (url: string): string => url.slice(url.indexOf(',') + 1)
