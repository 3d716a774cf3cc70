"""What each subject brings to home, menu, trail and exports; called once, at start-up."""
