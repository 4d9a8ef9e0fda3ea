"""Makes the golden figures once, with MediaPipe itself (PyPI mediapipe 0.10.14), from the stills of the studio:

    make fixtures
    cargo run -p visavis-pose --example studio stills target/stills
    python golden.py mesh target/stills > astronaut.json      # the 468 points of the photo, in pixels
    cargo run -p visavis-pose --example studio stills target/stills   # now the turned ones too
    python golden.py angles target/stills > angles.json       # yaw, pitch, roll of each

Only the figures are kept; no test needs Python or MediaPipe.
"""
import glob, json, sys
import cv2, mediapipe, numpy as np

what, folder = sys.argv[1:]
face_mesh = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=1)


def points(path):
    picture = cv2.imread(path)
    height, width = picture.shape[:2]
    found = face_mesh.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).multi_face_landmarks
    return np.array([[p.x * width, p.y * height, p.z * width] for p in found[0].landmark]) if found else None


def angles(p):
    unit = lambda v: v / np.linalg.norm(v)
    across, down = unit(p[454] - p[234]), p[152] - p[10]
    down = unit(down - across * (across @ down))
    degrees = lambda a, b: float(np.degrees(np.arctan2(a, b)))
    return [round(v, 3) for v in (degrees(across[2], across[0]), degrees(down[2], np.hypot(down[0], down[1])), degrees(across[1], across[0]))]


if what == "mesh":
    print(json.dumps(np.round(points(folder + "/still.png"), 2).tolist(), separators=(",", ":")))
else:
    found = [points(path) for path in sorted(glob.glob(folder + "/[0-9]*.png"))]
    print("[\n" + ",\n".join(json.dumps(None if p is None else angles(p)) for p in found) + "\n]")
