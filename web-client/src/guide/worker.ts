/** The thread that looks at the camera's pictures, so that the page stays smooth. One picture in, one sight out. */
import { greyOf, type Coloured } from './grey';
import { Eye, type Part } from './sight';

/** A picture as the page sends it. */
export interface Look {
  small: Coloured;
  close: Coloured;
  frame: Part;
  view: Part;
}

const eye = new Eye();

addEventListener('message', ({ data: { small, close, frame, view } }: MessageEvent<Look>) => {
  postMessage(eye.see({ small: greyOf(small), close: greyOf(close), frame, view }));
});
