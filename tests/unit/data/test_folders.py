"""Pictures of one's own, from folders as phones, cameras and zip programs leave them."""

import os
import pathlib
import shutil
import zlib

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

from course_utils import data
from tests.unit.data import pictures

SHADES = np.tile(np.linspace(0, 255, 16).astype(np.uint8), (16, 1))  # from black to white, left to right


def one(folder, picture, name="one.png", **options):
    """float32 [3, 16, 16] as read of the picture, which is saved as `folder`/one/`name`, beside a class `other`."""
    for kind in ("one", "other"):
        (folder / kind).mkdir()
        for number in range(2):
            Image.new("L", (16, 16)).save(folder / kind / f"{number}.png")
    picture.save(folder / "one" / name, **options)
    parts = data.image_folder(folder, size=16, test=2)
    images = torch.cat([part.images[part.labels == 0] for part in parts])
    return max(images, key=torch.sum)


def test_two_parts_are_read_as_they_lie(tmp_path):
    train, test = data.image_folder(pictures.folder(tmp_path, ["train", "test"]), size=16)
    assert train.images.shape == (10, 3, 16, 16) and train.images.dtype == torch.float32 and len(test) == 10
    assert train.classes == ("cat", "dog") and train.labels.tolist() == [0] * 5 + [1] * 5
    assert train.images[0, 0].max() == 0 and abs(train.images[-1, 0, 0, 0] - 200 / 255) < 1e-6
    assert (train.source, test.source) == ("the images in train", "the images in test")


def test_without_parts_some_of_each_class_are_held_out(tmp_path):
    train, test = data.image_folder(pictures.folder(tmp_path), size=8, test=0.4)
    assert (len(train), len(test)) == (6, 4) and test.classes == ("cat", "dog")
    assert test.labels.bincount().tolist() == [2, 2]


@pytest.mark.parametrize("train", ["train", "Train", "TRAINING"])
@pytest.mark.parametrize("other", ["test", "Testing", "val", "VALID", "Validation"])
def test_parts_are_known_by_their_usual_names(tmp_path, train, other):
    pair = data.image_folder(pictures.folder(tmp_path, [train, other], per_class=1), size=4)
    assert [part.classes for part in pair] == [("cat", "dog")] * 2 and [len(part) for part in pair] == [2, 2]


def test_a_third_part_is_left_out_in_words(tmp_path, capsys):
    root = pictures.folder(tmp_path, ["train", "val", "test"], per_class=1)
    assert [part.source for part in data.image_folder(root)] == ["the images in train", "the images in test"]
    assert "the folder val." in capsys.readouterr().out


def test_a_class_may_be_called_train(tmp_path):
    root = pictures.folder(tmp_path, classes=("bus", "car", "train"))
    assert data.image_folder(root)[0].classes == ("bus", "car", "train")


def test_a_single_picture_of_a_class_is_trained_on_whatever_the_seed(tmp_path):
    root = pictures.folder(tmp_path, per_class=20)
    for file in sorted((root / "dog").iterdir())[1:]:
        file.unlink()
    for seed in range(10):
        train, test = data.image_folder(root, size=4, seed=seed)
        assert (train.labels == 1).sum() == 1 and len(test) == 4


def junk(root):
    """What programs leave behind: names with a dot, `__MACOSX`, at any depth."""
    for place in (".ipynb_checkpoints", "__MACOSX/cat", "cat/.ipynb_checkpoints", "cat/__MACOSX", ".git/objects"):
        (root / place).mkdir(parents=True)
        shutil.copy(root / "dog" / "0.png", root / place / "0.png")
    (root / "cat" / "._0.png").write_bytes(b"a resource fork")
    (root / "cat" / ".DS_Store").write_bytes(b"")


def test_what_programs_leave_behind_does_not_count(tmp_path, capsys):
    root = pictures.folder(tmp_path)
    before = data.image_folder(root, size=4)
    junk(root)
    after = data.image_folder(root, size=4)
    assert [part.classes for part in after] == [("cat", "dog")] * 2
    assert all(one.images.equal(other.images) for one, other in zip(before, after, strict=True))
    assert capsys.readouterr().out == ""


def test_what_is_left_out_is_counted_by_suffix(tmp_path, capsys):
    root = pictures.folder(tmp_path)
    for name in ("a.heic", "b.HEIC", "c.avif", "d.gif", "e.mp4", "deep/f.gif", "README"):
        file = root / "cat" / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"?")
    assert sum(map(len, data.image_folder(root, size=4))) == 10
    said = capsys.readouterr().out
    assert said.endswith("are read: 1 .avif, 2 .gif, 2 .heic, 1 .mp4, 1 without a suffix.\n") and said.count("\n") == 1


def test_folders_inside_a_class_belong_to_it(tmp_path):
    root = pictures.folder(tmp_path)
    shutil.copytree(root / "cat", root / "cat" / "2023")
    train, test = data.image_folder(root, size=4)
    assert len(train) + len(test) == 15 and train.classes == ("cat", "dog")


# Every mode that Pillow reads


def lab(grey):
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    return ImageCms.profileToProfile(grey.convert("RGB"), *profiles, outputMode="LAB")


GREY = Image.fromarray(SHADES)
WIDE = SHADES.astype(np.uint16) * 257
MODES = {
    "L": (GREY, "png"),
    "1": (GREY.point(lambda ink: 255 * (ink > 127), "1"), "png"),
    "P": (GREY.convert("P"), "png"),
    "RGB": (GREY.convert("RGB"), "bmp"),
    "LA": (GREY.convert("LA"), "png"),
    "RGBA": (GREY.convert("RGBA"), "webp"),
    "CMYK": (GREY.convert("RGB").convert("CMYK"), "tif"),
    "YCbCr": (GREY.convert("YCbCr"), "tif"),
    "LAB": (lab(GREY), "tif"),
    "16 bits, PNG": (Image.fromarray(WIDE), "png"),
    "16 bits, TIFF": (Image.fromarray(WIDE), "tif"),
    "16 bits, PGM": (Image.fromarray(WIDE.astype(np.int32)), "pgm"),
    "32 bits of 16": (Image.fromarray(WIDE.astype(np.int32)), "tif"),
    "32 bits of 8": (Image.fromarray(SHADES.astype(np.int32)), "tif"),
    "32 bits": (Image.fromarray((SHADES.astype(np.int64) * (2**31 - 1) // 255).astype(np.int32)), "tif"),
    "floats to 1": (Image.fromarray(SHADES.astype(np.float32) / 255), "tif"),
    "floats to 255": (Image.fromarray(SHADES.astype(np.float32)), "tif"),
    "floats to 65,535": (Image.fromarray(WIDE.astype(np.float32)), "tiff"),
}


@pytest.mark.parametrize(("picture", "suffix"), MODES.values(), ids=MODES)
def test_every_mode_comes_close_to_eight_bits(tmp_path, picture, suffix):
    options = {"lossless": True} if suffix == "webp" else {}
    read = one(tmp_path, picture, f"one.{suffix}", **options)
    expected = (SHADES > 127).astype(float) if picture.mode == "1" else SHADES / 255
    assert np.abs(read.numpy() - expected).max() <= 0.02


RED = Image.new("RGB", (16, 16), "red")
CLEAR = Image.merge("RGBA", [Image.new("L", (16, 16), ink) for ink in (255, 0, 0)] + [Image.new("L", (16, 16), 0)])


@pytest.mark.parametrize(
    ("picture", "options"),
    [
        (CLEAR, {}),
        (CLEAR.convert("LA"), {}),
        (RED.convert("P"), {"transparency": RED.convert("P").getpixel((0, 0))}),
        (RED, {"transparency": (255, 0, 0)}),
        (Image.new("L", (16, 16), 9), {"transparency": 9}),
    ],
    ids=["RGBA", "LA", "P", "RGB", "L"],
)
def test_what_is_transparent_lies_on_white(tmp_path, picture, options):
    assert one(tmp_path, picture, **options).min() == 1


def test_half_transparent_ink_lies_on_white(tmp_path):
    half = CLEAR.copy()
    half.putalpha(128)
    assert one(tmp_path, half).mean((1, 2)).tolist() == pytest.approx([1, 0.498, 0.498], abs=0.01)


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_photo_stands_upright(tmp_path, turn):
    """Saved as a camera held in each way would save it, with the note how to turn it."""
    scene = Image.new("L", (16, 16))
    scene.paste(255, (0, 0, 8, 4))  # light at the left end of the upper edge
    flips = {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    saved = scene
    for flip in flips.get(turn, []):
        saved = saved.transpose(flip)
    note = Image.Exif()
    note[0x0112] = turn
    read = one(tmp_path, saved, "one.jpg", exif=note, quality=100, subsampling=0)
    assert np.abs(read[0].numpy() - np.asarray(scene) / 255).max() < 0.1


# Links


def test_each_file_counts_once_and_links_upwards_are_not_followed(tmp_path):
    root = pictures.folder(tmp_path / "mine")
    (root / "cat" / "up").symlink_to("..")
    (root / "dog" / "home").symlink_to(tmp_path)
    (root / "everything").symlink_to(root)
    (root / "cat" / "again.png").symlink_to(root / "cat" / "0.png")
    os.link(root / "cat" / "1.png", root / "cat" / "hard.png")
    train, test = data.image_folder(root, size=4)
    assert len(train) + len(test) == 10 and train.classes == ("cat", "dog")


def test_what_is_trained_on_is_not_tested_on_by_a_link(tmp_path):
    root = pictures.folder(tmp_path, ["train", "test"])
    (root / "train" / "cat" / "more").symlink_to(root / "test" / "cat")
    with pytest.raises(FileNotFoundError, match=r"test.cat holds no picture of its own"):
        data.image_folder(root)


def test_a_link_to_pictures_elsewhere_is_followed(tmp_path):
    elsewhere = pictures.folder(tmp_path / "elsewhere")
    mine = tmp_path / "mine"
    mine.mkdir()
    for name in ("cat", "dog"):
        (mine / name).symlink_to(elsewhere / name)
    assert sum(map(len, data.image_folder(mine, size=4))) == 10


# What is refused


def bomb(root):
    """A small file that says it is a picture of 20,000×20,000."""
    content = bytearray((root / "cat" / "0.png").read_bytes())
    content[16:24] = (20_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    (root / "cat" / "huge.png").write_bytes(content)


def cut_off(root):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (60, 60, 3), dtype=np.uint8))
    noise.save(root / "cat" / "cut.png")
    (root / "cat" / "cut.png").write_bytes((root / "cat" / "cut.png").read_bytes()[:3000])


def only_files(*names):
    def make(root):
        shutil.rmtree(root)
        root.mkdir()
        for name in names:
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_bytes(b"?")

    return make


def wrapped(root):
    shutil.copytree(root, root / "animals")


def single(root):
    shutil.rmtree(root / "dog")


REFUSED = {
    "a bomb": (bomb, ValueError, r"huge.png is no image that can be read: .*pixels"),
    "a broken file": (
        lambda root: (root / "cat" / "b.png").write_bytes(b"?"),
        ValueError,
        "b.png is no image that can",
    ),
    "an empty file": (lambda root: (root / "cat" / "b.jpg").write_bytes(b""), ValueError, "b.jpg is no image that can"),
    "a picture cut off": (cut_off, ValueError, "cut.png is no image that can be read"),
    "a class of folders": (wrapped, ValueError, r"animals holds folders \(cat, dog\) and no picture beside them"),
    "loose pictures": (
        lambda root: shutil.copy(root / "cat" / "0.png", root / "loose.PNG"),
        ValueError,
        "loose.PNG lies in no class: each picture belongs in a folder",
    ),
    "one class": (single, ValueError, "holds one class, cat: there must be two or more"),
    "an empty class": (lambda root: (root / "empty").mkdir(), FileNotFoundError, "empty holds no picture of its own"),
    "a class that can't be read": (
        lambda root: [(root / "phone").mkdir(), (root / "phone" / "1.heic").write_bytes(b"?")],
        FileNotFoundError,
        "phone holds no picture that is read here, but 1 .heic: each class needs some, as JPEG or PNG",
    ),
    "nothing": (only_files(), FileNotFoundError, "holds no folder: it must hold a folder of pictures for each class"),
    "archives alone": (only_files("cat.zip", "dog.zip"), FileNotFoundError, "holds no folder: unpack cat.zip"),
    "parts without classes": (
        only_files("train/cat.1.jpg", "test/1.jpg"),
        ValueError,
        "train holds no folders: it must hold a folder of pictures for each class",
    ),
}


@pytest.mark.parametrize(("change", "kind", "sentence"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_by_name(tmp_path, change, kind, sentence):
    root = pictures.folder(tmp_path / "mine")
    change(root)
    with pytest.raises(kind, match=sentence) as caught:
        data.image_folder(root, size=4)
    assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value) and len(str(caught.value)) <= 500


def test_what_is_no_folder_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"path is '.*none': there is no such folder"):
        data.image_folder(tmp_path / "none")
    for form, name in (("zip", "mine.zip"), ("gztar", "mine.tar.gz")):
        shutil.make_archive(str(tmp_path / "mine"), form, pictures.folder(tmp_path / form))
        with pytest.raises(NotADirectoryError, match=f"{name}': that is an archive: unpack it, and give the folder"):
            data.image_folder(tmp_path / name)
    (tmp_path / "notes.txt").write_text("?")
    with pytest.raises(NotADirectoryError, match="that is a file, not a folder"):
        data.image_folder(tmp_path / "notes.txt")


@pytest.mark.parametrize("path", [None, 3, b"pictures", ["pictures"]])
def test_a_path_is_text(path):
    with pytest.raises(TypeError, match=r"^path is .*: it must be the path of a folder, as text\.$"):
        data.image_folder(path)


def test_parts_with_other_classes_are_refused(tmp_path):
    root = pictures.folder(tmp_path, ["train", "test"])
    (root / "test" / "dog").rename(root / "test" / "Dog")
    with pytest.raises(ValueError, match="train has the classes cat, dog, test has the classes Dog, cat"):
        data.image_folder(root)


@pytest.mark.parametrize("test", [0, 10, 1.0, -0.2, "some"])
def test_errors_about_test_speak_of_test(tmp_path, test):
    with pytest.raises((ValueError, TypeError), match=f"^test is {test!r}"):
        data.image_folder(pictures.folder(tmp_path), size=4, test=test)


def test_a_folder_without_rights_is_named(tmp_path, monkeypatch):
    """Root may read everything, so the system's answer is planted."""
    closed = pictures.folder(tmp_path) / "cat"

    def answer(self, listed=pathlib.Path.iterdir):
        if self == closed:
            raise PermissionError(13, "Permission denied", str(self))
        return listed(self)

    monkeypatch.setattr(pathlib.Path, "iterdir", answer)
    with pytest.raises(PermissionError, match=r"cat can't be read by you\."):
        data.image_folder(tmp_path)
