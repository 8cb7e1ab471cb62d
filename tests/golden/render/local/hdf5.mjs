// hdf5.mjs stands here
