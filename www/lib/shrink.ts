import { msg } from '@lit/localize';

/** The longer side, in pixels, of a photo that is sent, and how well it is drawn. */
const SIDE = 2_048;
const QUALITY = 0.8;
/** A file larger than this is no phone's photo. Bytes. */
const MOST_FILE = 64 * 1_024 * 1_024;

/** Why a file cannot go with a record, in words for a person. */
export class NoPicture extends Error {}

/**
 * A photo as it goes with a record: drawn anew, which leaves behind what the camera has written into the file (place, time,
 * device), upright, and no larger than a person needs to look closely.
 */
export async function shrink(file: Blob): Promise<Blob> {
  if (file.size > MOST_FILE) throw new NoPicture(msg('This file is too large. Choose a smaller picture.'));
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => {
    throw new NoPicture(
      file.type.startsWith('image/') || !file.type
        ? msg(
            'This picture cannot be opened here. It may be damaged, too large, or of a kind that this browser does not know.',
          )
        : msg('This file is not a picture. Choose a photo.'),
    );
  });
  try {
    return await jpeg(drawn(picture, SIDE), QUALITY);
  } finally {
    picture.close();
  }
}

function drawn(picture: ImageBitmap, side: number): HTMLCanvasElement {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext('2d');
  if (!pen) throw new NoPicture(msg('This device has no room for the picture just now. Try again.'));
  // What is transparent would be black.
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

const jpeg = (canvas: HTMLCanvasElement, quality: number): Promise<Blob> =>
  new Promise((resolve, reject) => {
    const none = () => new NoPicture(msg('This device has no room for the picture just now. Try again.'));
    canvas.toBlob(blob => (blob ? resolve(blob) : reject(none())), 'image/jpeg', quality);
  });
