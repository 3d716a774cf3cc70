"""Tables that offices upload: headers, cells, refused rows; shared by all imports."""
