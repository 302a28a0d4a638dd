"""Valid and damaged zip files in memory."""

import io
import struct
import zipfile

DIRECTORY_ENTRY = b"PK\x01\x02"
LOCAL_ENTRY = b"PK\x03\x04"


def entry(name, *, method=zipfile.ZIP_DEFLATED, mode=0):
    info = zipfile.ZipInfo(name)
    info.compress_type = method
    info.external_attr = mode << 16
    return info


def zip_of(files, *, method=zipfile.ZIP_DEFLATED):
    """Return a zip of (name or entry, content) pairs, or of a dict."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name, content in dict(files).items():
            info = name if isinstance(name, zipfile.ZipInfo) else entry(name, method=method)
            made.writestr(info, content)
    target.seek(0)
    return target


def changed(stream, offset, layout, *values, marker=DIRECTORY_ENTRY):
    """Change values at an offset in the zip's first entry of this kind."""
    data = bytearray(stream.getvalue())
    struct.pack_into(layout, data, data.index(marker) + offset, *values)
    return io.BytesIO(data)


def renamed(stream, old, new):
    """Replace a name by one of the same length everywhere in the zip."""
    assert len(old) == len(new)
    assert old in stream.getvalue()
    return io.BytesIO(stream.getvalue().replace(old, new))
