/** Every screen by name. What comes with or after the camera is loaded when it is needed. */
import type { ApplicationStep } from '@visavis/shared/wire';

import type { ScreenMaker } from '../app';

/** The steps of the server, and the customer's own ways. */
export type ScreenName = ApplicationStep | 'welcome' | 'device' | 'device_check' | 'change_slot' | 'booking_link' | 'link_unknown' | 'unreachable';

/** How each screen is loaded. */
export const screens: Readonly<Record<ScreenName, () => Promise<ScreenMaker>>> = {
  welcome: async () => (await import('./welcome')).welcome,
  document: async () => (await import('./document')).chooseDocument,
  capture_front: async () => (await import('./capture')).captureFront,
  capture_back: async () => (await import('./capture')).captureBack,
  reading: async () => (await import('./reading')).reading,
  details: async () => (await import('./details')).details,
  consents: async () => (await import('./consents')).consents,
  when: async () => (await import('./when')).when,
  change_slot: async () => (await import('./when')).changeSlot,
  booked: async () => (await import('./booked')).booked,
  booking_link: async () => (await import('./booked')).bookingLink,
  device: async () => (await import('./device')).device,
  device_check: async () => (await import('./device')).deviceCheck,
  waiting: async () => (await import('./waiting')).waiting,
  call: async () => (await import('./call')).call,
  done: async () => (await import('./done')).done,
  link_unknown: async () => (await import('./welcome')).linkUnknown,
  unreachable: async () => (await import('./welcome')).unreachable,
};
